// RelayStorage
