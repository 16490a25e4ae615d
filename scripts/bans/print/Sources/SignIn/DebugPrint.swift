func show(_ attempt: SignInAttempt) {
    debugPrint(attempt)
}
