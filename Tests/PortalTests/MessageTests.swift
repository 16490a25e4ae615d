import Accounts
import Credentials
import Foundation
import HTTPTypes
import Hummingbird
import OneTimePassword
import Secrets
import Testing

@testable import Portal

@Suite("What the portal says")
struct MessageTests {
    struct Sentence: Sendable, CustomTestStringConvertible {
        let message: PublicMessage
        let code: String
        let text: String
        var testDescription: String { code }

        init(_ message: PublicMessage, _ code: String, _ text: String) {
            self.message = message
            self.code = code
            self.text = text
        }

        /// Word for word as people are told to expect them.
        static let all = [
            Sentence(
                .twoFactorConfigured,
                "two_factor_configured",
                "Two factor authentication has been configured for this login."
            ),
            Sentence(.credentialsRefused, "credentials_refused", "Login or password is not right."),
            Sentence(
                .tokenRefused(next: 17),
                "token_refused",
                "That token was not accepted. If you have just used it, wait for the next one, in about 17 s."
            ),
            Sentence(
                .pairRefused(.notConsecutive),
                "tokens_refused",
                "Those two codes do not follow one another. Type the code you see now, wait until it changes, and type "
                    + "the next one."
            ),
            Sentence(
                .pairRefused(.clockOff(seconds: -120)),
                "clock_off",
                "Your device's clock seems about 120 seconds behind. Set it to automatic time and type two new codes."
            ),
            Sentence(
                .pairRefused(.clockOff(seconds: 90)),
                "clock_off",
                "Your device's clock seems about 90 seconds ahead. Set it to automatic time and type two new codes."
            ),
            Sentence(
                .adminFirst,
                "admin_first",
                "An Account Admin must configure two factor authentication first."
            ),
            Sentence(
                .configureOwnFirst,
                "configure_own_first",
                "Configure two factor authentication for your own login first."
            ),
            Sentence(
                .twoFactorRequired,
                "two_factor_required",
                "Your account requires two factor authentication. Set it up to continue."
            ),
            Sentence(
                .secondAdminRecommended,
                "second_admin_recommended",
                "Only one Account Admin is enabled. Add a second one, so that someone can help if a device is lost."
            ),
            Sentence(
                .twoFactorReset("bo"),
                "two_factor_reset",
                "Two factor authentication was reset for bo."
            ),
            Sentence(.tooManyAttempts(1), "too_many_attempts", "Too many attempts. Try again in 1 second."),
            Sentence(.tooManyAttempts(89), "too_many_attempts", "Too many attempts. Try again in 89 seconds."),
            Sentence(.tooManyAttempts(90), "too_many_attempts", "Too many attempts. Try again in 2 minutes."),
            Sentence(.tooManyAttempts(121), "too_many_attempts", "Too many attempts. Try again in 3 minutes."),
            Sentence(.tooManyAttempts(900), "too_many_attempts", "Too many attempts. Try again in 15 minutes."),
            Sentence(.attemptExpired, "attempt_expired", "This sign-in took too long. Start again."),
            Sentence(.accessDenied, "access_denied", "Access denied. Your role does not include this page."),
            Sentence(
                .lastAdmin,
                "last_admin",
                "This is the last Account Admin who can sign in. Make another one first."
            ),
        ]
    }

    @Test("Sentences are those that were agreed, word for word (S-21, S-24, S-10)", arguments: Sentence.all)
    func sentences(example: Sentence) {
        #expect(example.message.code == example.code)
        #expect(example.message.text == example.text)
    }

    @Test("Refusals are alerts, news is status, and only one of the two", arguments: Sentence.all)
    func roles(example: Sentence) throws {
        let isNews = ["two_factor_configured", "two_factor_reset", "attempt_expired", "two_factor_required"]
        let html = try Pages().fill("messages", ["messages": [example.message.fields]])
        #expect(html.contains("data-code=\"\(example.code)\""))
        #expect(html.contains("role=\"alert\"") != html.contains("role=\"status\""))
        if isNews.contains(example.code) { #expect(html.contains("role=\"status\"")) }
        if example.message.level == .danger { #expect(html.contains("role=\"alert\"")) }
    }

    private struct Cause: Error, CustomStringConvertible {
        let description = "SECRET cause in table person"
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: any Error
        let status: HTTPResponse.Status
        var retryAfter: Int64?

        static let all = [
            Failure(testDescription: "conflict", error: StoreError.conflict, status: .unprocessableContent),
            Failure(testDescription: "duplicate", error: StoreError.duplicate("SECRET"), status: .unprocessableContent),
            Failure(
                testDescription: "no store",
                error: StoreError.unavailable,
                status: .serviceUnavailable,
                retryAfter: 2
            ),
            Failure(
                testDescription: "corrupt",
                error: StoreError.corrupt("SECRET"),
                status: .serviceUnavailable,
                retryAfter: 2
            ),
            Failure(
                testDescription: "overloaded",
                error: PasswordHashingError.overloaded,
                status: .serviceUnavailable,
                retryAfter: 1
            ),
            Failure(testDescription: "seal", error: SealError.notAuthentic, status: .internalServerError),
            Failure(testDescription: "foreign", error: Cause(), status: .internalServerError),
            Failure(
                testDescription: "bad request",
                error: HTTPError(.badRequest, message: "SECRET"),
                status: .unprocessableContent
            ),
            Failure(testDescription: "not found", error: HTTPError(.notFound), status: .notFound),
            Failure(testDescription: "too large", error: HTTPError(.contentTooLarge), status: .contentTooLarge),
            Failure(
                testDescription: "method",
                error: HTTPError(.methodNotAllowed, message: "SECRET"),
                status: .methodNotAllowed
            ),
            Failure(
                testDescription: "other",
                error: HTTPError(.badGateway, message: "SECRET"),
                status: .internalServerError
            ),
        ]
    }

    @Test("An error becomes a status, a code and a sentence; its cause is not told (INV-8)", arguments: Failure.all)
    func errorAnswers(failure: Failure) {
        let answer = ErrorAnswers.answer(failure.error)
        #expect(answer.status == failure.status)
        #expect(answer.retryAfter == failure.retryAfter)
        #expect(!answer.heading.isEmpty && !answer.message.text.isEmpty)
        let shown = answer.heading + answer.message.text + answer.message.code
        #expect(!shown.contains("SECRET") && !shown.contains("person") && !shown.lowercased().contains("sql"))
        // Never a refusal of the second factor, never a way in.
        #expect(!["token_refused", "credentials_refused"].contains(answer.message.code))
    }
}
