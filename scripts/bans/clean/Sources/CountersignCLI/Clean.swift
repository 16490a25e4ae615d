print("created")
