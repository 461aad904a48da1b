// The organisation that these tests, the corpus of lies and its tool share.
@_exported import AuditSupport
