import Foundation
import FuzzSupport

// Makes Tests/Vectors/protocol.json and the corpora's generated files again.
//
//   swift run nightbell-vectors            writes what differs
//   swift run nightbell-vectors --check    writes nothing; exits 1 and names the files that differ or are missing
//   swift run nightbell-vectors --reseal   seals the message anew instead of keeping the sealed bytes
//
// All but the sealed bytes is deterministic. These are kept from the committed file as long as they open, so that an
// unchanged protocol gives unchanged files.

let arguments = Set(CommandLine.arguments.dropFirst())
guard arguments.isSubset(of: ["--check", "--reseal"]), arguments.count < 2 else {
    FileHandle.standardError.write(Data("usage: nightbell-vectors [--check | --reseal]\n".utf8))
    exit(64)
}
let committed = arguments.contains("--reseal") ? nil : try? Vectors.load("protocol.json")
let kept = committed.flatMap(SealedStory.Parts.init(in:))
let file = try ProtocolFile(keeping: kept)
if arguments.contains("--check"), file.sealed.parts != kept {
    print("protocol.json: the sealed bytes do not open")
    exit(1)
}
let outputs = [GeneratedFile(path: "protocol.json", bytes: Array(file.json.text.utf8))] + CorpusFiles(file).all
let different = outputs.filter { !$0.isWritten }
if arguments.contains("--check") {
    for output in different { print("\(output.path) differs") }
    exit(different.isEmpty ? 0 : 1)
}
for output in different {
    try output.write()
    print("wrote \(output.path)")
}
