// TerminalClientTests
