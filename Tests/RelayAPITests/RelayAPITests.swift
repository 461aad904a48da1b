// RelayAPITests
