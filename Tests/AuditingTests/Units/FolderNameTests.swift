import Auditing
import Testing

@Suite struct FolderNameTests {
    @Test(arguments: [("a", "a"), ("a/", "a"), ("/a/b//", "/a/b"), ("/", "/"), ("//", "/"), ("", "")])
    func slashesAtTheEndSayNothing(_ typed: String, _ plain: String) {
        #expect(FolderName.plain(typed) == plain)
    }
}
