// SQLiteStorageTests
