let session = value as! PortalSession
