import RelayAPI
import Statements

/// What became of statements that came together: in order, and the first refused one refuses those after it.
struct WrittenStatements {
    private var places: [(index: UInt64, isNew: Bool, seen: UInt64)] = []
    private(set) var refused: Problem?

    /// - Parameter write: Logs one, and gives its place, what its signer had seen of the activity log, and whether it is new.
    /// - Throws: What `write` throws, unless it is a refusal.
    init<Statement>(
        _ statements: [Statement], write: (Statement) throws -> (index: UInt64, isNew: Bool, seen: UInt64)
    ) throws {
        for statement in statements {
            do { places.append(try write(statement)) } catch let refusal where Problems.isRefusal(refusal) {
                var problem = Problems.problem(of: refusal)
                problem.accepted = places.count
                refused = problem
                break
            }
        }
    }

    /// How many were not logged before.
    var newCount: Int { places.count { $0.isNew } }

    /// With the places and their proofs.
    /// - Parameter refused: What is said of the refusal, where more than what was found while writing.
    func answer(_ batch: Batch, refused: Problem?) throws -> ReceiptsAnswer {
        ReceiptsAnswer(
            logged: try places.map { place in
                place.isNew
                    ? try batch.logged(.activity, at: place.index, seen: place.seen)
                    : try batch.stored(.activity, at: place.index, seen: place.seen)
            }, refused: refused)
    }
}
