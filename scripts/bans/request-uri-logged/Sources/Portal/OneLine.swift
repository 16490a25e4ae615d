context.logger.info("refused", metadata: ["path": "\(request.uri.path)"])
