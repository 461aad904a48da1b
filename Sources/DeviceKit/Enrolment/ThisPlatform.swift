public import Statements

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What this device runs on, and what it is called when nobody says.
public enum ThisPlatform {
    /// `linux` or `macos`.
    public static var word: Platform {
        #if os(Linux)
            Platform(Array("linux".utf8))!
        #else
            Platform(Array("macos".utf8))!
        #endif
    }

    /// The host's name, for a label that others will recognise.
    public static var label: TextValue {
        var name = [CChar](repeating: 0, count: 256)
        let known = unsafe gethostname(&name, name.count - 1) == 0
        let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return (known ? TextValue(bytes) : nil) ?? TextValue(typed: "terminal")!
    }
}
