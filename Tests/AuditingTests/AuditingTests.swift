// AuditingTests
