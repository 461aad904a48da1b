// DeviceKitTests
