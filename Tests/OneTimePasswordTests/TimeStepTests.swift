import OneTimePassword
import Testing

@Suite("Time step")
struct TimeStepTests {
    @Test(
        "A step lasts thirty seconds from 1970 on, and there is none before the first and none after the last",
        arguments: [
            (0, 0), (29, 0), (30, 1), (59, 1), (60, 2), (-1, 0), (-30, 0), (Int64.min, 0),
            (2_147_483_647, 71_582_788), (2_147_483_648, 71_582_788), (4_294_967_296, 143_165_576),
            (Int64.max, 307_445_734_561_825_860),
        ] as [(Int64, UInt64)]
    )
    func containing(seconds: Int64, step: UInt64) {
        #expect(TimeStep(containing: seconds).rawValue == step)
    }

    @Test("Going beyond either end stops there")
    func saturation() {
        let last = TimeStep(rawValue: .max)
        let first = TimeStep(rawValue: .min)
        #expect(TimeStep(rawValue: 5).advanced(by: -3).rawValue == 2)
        #expect(TimeStep(rawValue: 5).advanced(by: 3).rawValue == 8)
        #expect(TimeStep(rawValue: 5).advanced(by: -6) == first)
        #expect(first.advanced(by: .min) == first)
        #expect(last.advanced(by: 1) == last)
        #expect(last.advanced(by: .max) == last)
        #expect(first < last)
    }

    @Test("D17: a step of no or negative length is a programmer's error, not a division by zero")
    func wrongPeriods() async {
        await #expect(processExitsWith: .failure) { _ = TimeStep(containing: 1, period: 0) }
        await #expect(processExitsWith: .failure) { _ = TOTPVerifier(period: -30) }
        await #expect(processExitsWith: .failure) { _ = TOTPVerifier(period: .max) }
    }
}
