/// What a file probably is, by the end of its name: for the one who opens it, and no promise.
struct MediaType {
    let name: String
    let kind: AttachmentDescription.Kind

    init(fileName: String) {
        let end = fileName.lastIndex(of: ".").map { fileName[fileName.index(after: $0)...].lowercased() } ?? ""
        let known = Self.known[end]
        name = known?.name ?? "application/octet-stream"
        kind = known?.kind ?? .document
    }

    /// How a file of a type ends that has no name of its own.
    static func ending(of name: String) -> String {
        known.filter { $0.value.name == name }.keys.min() ?? "bin"
    }

    private static let known: [String: (name: String, kind: AttachmentDescription.Kind)] = [
        "aac": ("audio/aac", .recording), "amr": ("audio/amr", .recording), "flac": ("audio/flac", .recording),
        "m4a": ("audio/mp4", .recording), "mp3": ("audio/mpeg", .recording), "oga": ("audio/ogg", .recording),
        "ogg": ("audio/ogg", .recording), "opus": ("audio/opus", .recording), "wav": ("audio/wav", .recording),
        "weba": ("audio/webm", .recording), "mp4": ("video/mp4", .recording), "webm": ("video/webm", .recording),
        "gif": ("image/gif", .photo), "heic": ("image/heic", .photo), "jpeg": ("image/jpeg", .photo),
        "jpg": ("image/jpeg", .photo), "png": ("image/png", .photo), "tif": ("image/tiff", .photo),
        "tiff": ("image/tiff", .photo), "webp": ("image/webp", .photo),
        "csv": ("text/csv", .document), "dcm": ("application/dicom", .document),
        "doc": ("application/msword", .document),
        "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", .document),
        "hl7": ("x-application/hl7-v2+er7", .document), "json": ("application/json", .document),
        "odt": ("application/vnd.oasis.opendocument.text", .document), "pdf": ("application/pdf", .document),
        "rtf": ("application/rtf", .document), "txt": ("text/plain", .document), "xml": ("application/xml", .document),
    ]
}
