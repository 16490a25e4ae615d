logger.warning(
    "refused (\(reason))",
    metadata: [
        "path": .string(request.uri.description)
    ]
)
