package enum PortalPlaceholder {}
