import Credentials
import Foundation
import Portal

/// What can be told from the settings alone.
enum SettingChecks {
    static func findings(_ values: SettingValues) -> [Finding] {
        let settings: ServerSettings
        do {
            settings = try ServerSettings(values)
        } catch {
            return [Finding(.error, .configuration, CommandFailure(error).sentence)]
        }
        var findings = [Finding(.ok, .configuration, "The configuration can be read.")]
        findings.append(publicURL(settings))
        return findings
    }

    private static func publicURL(_ settings: ServerSettings) -> Finding {
        let url = settings.publicURL
        guard !url.isHTTPS else { return Finding(.ok, .publicURL, "The public address \(url.origin) is https.") }
        return Finding(
            .warning,
            .publicURL,
            "The public address \(url.origin) is not https.",
            advice: url.isLocal
                ? "That will do to try it out on this machine; people elsewhere need https by a proxy in front."
                : "Put a proxy with https in front and set public-url: passwords can be read on the way."
        )
    }
}

/// Whether the clock is kept right: tokens depend on it.
enum ClockCheck {
    /// The file that systemd-timesyncd leaves once it has set the clock; a container may see it and not the kernel's word.
    private static let marker = "/run/systemd/timesync/synchronized"

    static func finding() -> Finding {
        finding(SystemWallClock.isSynchronised, hasMarker: FileManager.default.fileExists(atPath: marker))
    }

    /// - Parameter kernel: what the kernel says; nil where it says nothing.
    static func finding(_ kernel: Bool?, hasMarker: Bool) -> Finding {
        if kernel == true || hasMarker { return Finding(.ok, .clock, "The clock is synchronised.") }
        return Finding(
            .warning,
            .clock,
            kernel == nil
                ? "It cannot be told whether the clock is synchronised." : "The clock is not synchronised.",
            advice: "Tokens need it right to some seconds: see that an NTP service runs."
        )
    }
}
