/// A folder's name as people type it.
public enum FolderName {
    /// Without slashes at the end, which say nothing more.
    public static func plain(_ typed: String) -> String {
        var name = typed
        while name.utf8.count > 1, name.hasSuffix("/") { name.removeLast() }
        return name
    }
}
