import Gateway

/// In this module an application is one behind the portal, not Hummingbird's.
typealias Application = Gateway.Application
