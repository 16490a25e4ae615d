import ArgumentParser
import Glibc

/// How the process ends, whatever it did.
enum ProcessEnd {
    /// At once, without what libraries have for the end of a process.
    ///
    /// That would run while threads of ours still use those libraries: OpenSSL takes itself apart while a thread closes
    /// its connection to PostgreSQL, and the process dies of a signal after all its work was done. What has to be closed
    /// was closed by then (`Composition.close`); the kernel takes back the rest.
    static func now(_ status: ExitCode) -> Never {
        // For what others may have printed: `Terminal` keeps nothing back.
        fflush(nil)
        _exit(status.rawValue)
    }
}
