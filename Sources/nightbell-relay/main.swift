print("nightbell-relay")
