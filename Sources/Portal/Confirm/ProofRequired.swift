import Accounts
import HTTPTypes
import Hummingbird
import NIOCore
import Secrets
import SignIn

/// Thrown by a handler whose change would be made after a fresh proof.
struct ProofRequired: Error {
    let need: ProofNeed
    /// What would be done.
    let entry: ActivityEntry

    init(_ need: ProofNeed = .strongest, for entry: ActivityEntry) {
        self.need = need
        self.entry = entry
    }
}

extension Web {
    /// To the page that asks for the proof. What was sent waits meanwhile, sealed and bound to this session.
    func askForProof(_ person: PersonCall, _ required: ProofRequired) async throws -> Response {
        let call = person.call
        guard let path = LocalPath.checked(call.returnPath) else { throw PageError.formRefused }
        let form = try await call.form()
        var query = [(name: "return_to", value: path)]
        // A form that carries a secret asks for its own proof, and is never kept.
        if call.request.method == .post, !form.carriesSecret {
            let post = WaitingPost(
                id: WaitingPost.ID(random: services.ceremony.random),
                sessionID: person.view.session.id,
                accountID: person.view.account.id,
                path: path,
                need: required.need,
                content: try WaitingContent(required.entry, form: form.bytes).encoded(),
                expiresAt: person.now + SessionProof.lifetimeSeconds
            )
            try await services.waitingPosts.keep(post, by: person.view.session.digest)
            query.append((name: "post", value: post.id.description))
        }
        return redirect(LocalAddress.text(ConfirmRoutes.path, query))
    }
}

extension Form {
    private static let secretFields = [
        "password", "current_password", "new_password", "new_password_again", "token", "token1", "token2",
    ]

    var carriesSecret: Bool { Self.secretFields.contains(where: has) }
}
