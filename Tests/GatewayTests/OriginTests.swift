import Gateway
import Testing

@Suite("An application's origin")
struct OriginTests {
    @Test(
        "What people type becomes one spelling",
        arguments: [
            ("https://Grafana.Example.com", "https://grafana.example.com"),
            ("https://grafana.example.com/", "https://grafana.example.com"),
            ("https://grafana.example.com:443", "https://grafana.example.com"),
            ("https://grafana.example.com:8443", "https://grafana.example.com:8443"),
            ("https://grafana.example.com.", "https://grafana.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://app.localhost:80", "http://app.localhost"),
        ]
    )
    func typed(_ typed: String, _ origin: String) {
        #expect(Origin(typed)?.text == origin)
    }

    @Test(
        "What is no origin, or plain http to another machine, is refused",
        arguments: [
            "", "grafana.example.com", "http://grafana.example.com", "ftp://a.example", "https://", "https:///",
            "https://a b.example", "https://a.example/path", "https://a.example?x", "https://user@a.example",
            "https://user:pass@a.example", "https://a.example:0", "https://a.example:99999", "https://a.example:+80",
            "https://-a.example", "https://a..example", "https://[::1]", "javascript://x",
            "http://localhost.evil.example",
            "https://a.example#x", "https://a.example\\@b", "https://ä.example",
        ]
    )
    func refused(_ typed: String) {
        #expect(Origin(typed) == nil)
    }

    @Test(
        "A proxy's spelling of the host is the same host",
        arguments: ["grafana.example.com", "GRAFANA.example.COM", "grafana.example.com.", "grafana.example.com:443"]
    )
    func spelling(_ host: String) {
        #expect(Origin(scheme: .https, authority: host) == Origin("https://grafana.example.com"))
    }

    @Test(
        "A host that could be read in two ways is none",
        arguments: [
            "grafana.example.com..", "grafana.example.com,evil.example", "grafana.example.com evil",
            "evil@grafana.example.com",
            "grafana.example.com/", "", ".", ":443", "grafana.example.com:443:443", "grafana.example.com:https",
        ]
    )
    func ambiguous(_ host: String) {
        #expect(Origin(scheme: .https, authority: host) == nil)
    }
}
