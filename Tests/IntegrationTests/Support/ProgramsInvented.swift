import Secrets
import Statements

/// Invitations that nobody issued, in perfect form.
enum Invented {
    /// - Parameters:
    ///   - practice: Whose organisation it names; `nil` for one that does not exist.
    ///   - address: Of the relay, when there is no practice.
    static func invitation(of practice: Practice?, at address: String = "") throws -> String {
        let organisation =
            practice.flatMap { OrganisationID($0.organisation) } ?? OrganisationID(bytes: randomBytes(20))
        return InvitationText(
            relay: practice?.relay.address ?? address, organisation: organisation, secret: SecretBytes(random: 16)
        ).exposed()
    }
}
