package org.autotls.doctor;

import java.util.List;
import java.util.Optional;
import org.autotls.IssueException;
import org.autotls.acme.AcmeAccount;
import org.autotls.acme.CaView;

/** Would the CA take orders from us: terms, account, external account binding (RFC 8555 §7.3)? Stateless. */
final class AccountCheck {

    static final String NAME = "account";
    static final String TERMS = "terms";
    static final String BINDING = "eab";

    private AccountCheck() {}

    /** The CA refused to show the account, or the key cannot be read. */
    static Finding judge(CaView ca, RuntimeException failure) {
        boolean refused = failure instanceof IssueException issue && issue.kind() == IssueException.Kind.REFUSED;
        return Finding.problem(
                NAME,
                ca.directory().toString(),
                String.valueOf(failure.getMessage()),
                refused
                        ? "if the account was deactivated, move the account key away: the next order registers a new one"
                        : "see that this user can read the account key, and that the CA answers");
    }

    /** Judges all but the terms. */
    static List<Finding> judge(CaView ca, Optional<AcmeAccount.Details> account, Intent intent, boolean bound) {
        return account.map(details -> List.of(known(ca, details, intent)))
                .orElseGet(() -> List.of(unknown(ca, intent), binding(ca, bound)));
    }

    /** Judges whether the terms are agreed to. */
    static Finding terms(CaView ca, Intent intent) {
        String about = ca.directory().toString();
        if (ca.termsOfService().isEmpty()) {
            return Finding.ok(TERMS, about, "the CA has none");
        }
        return intent.termsAgreed()
                ? Finding.ok(TERMS, about, "agreed to: " + ca.termsOfService())
                : Finding.problem(
                        TERMS,
                        about,
                        "the CA has terms of service that are not agreed to: " + ca.termsOfService(),
                        "read them and, if you agree, add --agree-tos");
    }

    private static Finding known(CaView ca, AcmeAccount.Details account, Intent intent) {
        String about = ca.directory().toString();
        if (!account.status().equals("valid")) {
            return Finding.problem(
                    NAME,
                    about,
                    account.url() + " is " + account.status(),
                    "move the account key away: the next order registers a new account");
        }
        List<String> wanted = intent.email().isEmpty() ? account.contact() : List.of("mailto:" + intent.email());
        String contact = wanted.equals(account.contact()) ? "" : ", its contact will be " + wanted;
        return Finding.ok(NAME, about, account.url() + " is valid" + contact);
    }

    private static Finding unknown(CaView ca, Intent intent) {
        String contact = intent.email().isEmpty() ? "without contact" : "with contact " + intent.email();
        return Finding.ok(NAME, ca.directory().toString(), "none yet; the first order registers one, " + contact);
    }

    private static Finding binding(CaView ca, boolean bound) {
        String about = ca.directory().toString();
        if (!ca.externalAccountRequired()) {
            return Finding.ok(BINDING, about, "not asked for");
        }
        return bound
                ? Finding.ok(
                        BINDING, about, "asked for and given; whether it is right shows when the account is registered")
                : Finding.problem(
                        BINDING,
                        about,
                        "the CA wants an external account binding (EAB), and none is given",
                        "get a key identifier and a MAC key from the CA, and add --eab-kid KID --eab-key-file FILE");
    }
}
