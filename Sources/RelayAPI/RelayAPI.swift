// RelayAPI
