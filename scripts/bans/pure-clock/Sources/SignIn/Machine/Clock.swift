let started = ContinuousClock.now
