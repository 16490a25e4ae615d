context.logger[metadataKey: "path"] = "\(request.uri)"
