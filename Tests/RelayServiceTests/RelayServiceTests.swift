// RelayServiceTests
