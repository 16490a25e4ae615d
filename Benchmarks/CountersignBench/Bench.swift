import Foundation

/// `make bench-sign-in`: how fast signing in is, over the real server.
@main
enum Bench {
    static func main() async {
        do {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            ServerProcess.watch(seconds: options.plan.limitSeconds)
            let report = try await run(options)
            FileHandle.standardOutput.write(Data(report.text.utf8))
            if let first = report.wrongAnswers.first {
                throw BenchError("\(report.wrongAnswers.count) answers were wrong; the first: \(first).")
            }
        } catch {
            progress("\(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options) async throws -> Report {
        let folder = try BenchFolder(options.directory)
        do {
            progress("seeding \(options.plan.users) people")
            let company = try await Company.seed(folder, users: options.plan.users)
            let fsync = try folder.fsyncMilliseconds()
            let measurements = Measurements(options: options, folder: folder, company: company)

            progress("starting the server \(options.plan.starts) times")
            let starts = try measurements.starts()
            progress("second-factor steps, \(options.plan.measuredSteps) of them")
            let steps = try await measurements.secondFactorSteps()
            progress("\(Int(steps.perSecond)) steps/s; waiting for the next time step")
            try await measurements.waitForNextStep()
            let whole = try await measurements.wholeSignIns()
            folder.remove()
            return Report(options: options, fsyncMilliseconds: fsync, starts: starts, steps: steps, whole: whole)
        } catch {
            progress("the server's log, which stays in \(folder.log), ends with:\n\(folder.logTail)")
            throw error
        }
    }
}
