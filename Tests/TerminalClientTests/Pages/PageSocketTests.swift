import Foundation
import Processes
import Testing

@testable import DeviceKit
@testable import TerminalClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct PageSocketTests {
    private func code(_ path: String) -> String? {
        do throws(DeviceKitError) {
            _ = try PageSocket(path)
            return nil
        } catch { return "\(error.code.rawValue) \(error.category)" }
    }

    @Test func onlyItsUserReachesItAndItGoesAtTheEnd() throws {
        let folder = try PageFolder()
        let socket = try PageSocket(folder.socket)
        let found = try FileManager.default.attributesOfItem(atPath: folder.socket)
        #expect(found[.type] as? FileAttributeType == .typeSocket && found[.posixPermissions] as? Int == 0o600)
        _ = try folder.writer()
        socket.remove()
        #expect(!FileManager.default.fileExists(atPath: folder.socket))
    }

    @Test func aFolderThatOthersMayEnterIsRefused() throws {
        for mode in [0o755, 0o710, 0o701, 0o770] {
            let folder = try PageFolder(mode: mode)
            #expect(code(folder.socket) == "page_socket refused")
            #expect(!FileManager.default.fileExists(atPath: folder.socket))
        }
        #expect(code("/nowhere-\(UUID())/pages") == "page_socket refused")
        for path in ["", "/", "a/", ".."] { #expect(code(path) == "page_socket refused", "\(path)") }
    }

    /// A link leads where somebody else may have meant it to; what is no socket is nobody's to remove.
    @Test func linksAndFilesAreLeftAlone() throws {
        let folder = try PageFolder()
        let link = folder.path + "-link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
        defer { try? FileManager.default.removeItem(atPath: link) }
        #expect(code(link + "/pages") == "page_socket refused")
        try FileManager.default.createSymbolicLink(
            atPath: folder.socket, withDestinationPath: folder.path + "/elsewhere")
        #expect(code(folder.socket) == "page_socket refused")
        try FileManager.default.removeItem(atPath: folder.socket)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: folder.socket))
        #expect(code(folder.socket) == "page_socket refused")
        #expect(FileManager.default.contents(atPath: folder.socket) == Data("mine".utf8))
    }

    @Test func whatNobodyListensAtIsReplacedAndNothingElse() throws {
        let folder = try PageFolder()
        let first = try PageSocket(folder.socket)
        #expect(code(folder.socket) == "page_socket_taken tryAgain")
        _ = try folder.writer()
        // As a program leaves it that was killed.
        close(first.descriptor)
        let second = try PageSocket(folder.socket)
        _ = try folder.writer()
        // The first one's end does not take the other's place away.
        let dead = try PageFolder()
        let other = try PageSocket(dead.socket)
        try FileManager.default.removeItem(atPath: dead.socket)
        let successor = try PageSocket(dead.socket)
        other.remove()
        #expect(FileManager.default.fileExists(atPath: dead.socket))
        successor.remove()
        second.remove()
    }
}
