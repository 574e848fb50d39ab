package org.autotls.doctor;

import java.util.Optional;
import org.autotls.Identifier;

/** Can a name or address be certified at all, and proved by what is answered here? Stateless. */
final class NameCheck {

    static final String NAME = "name";

    private NameCheck() {}

    /**
     * Judges.
     *
     * @param publicCa whether browsers trust the CA, so that its rules are those of the CA/Browser Forum
     */
    static Finding judge(Identifier identifier, ChallengeOrder order, boolean publicCa) {
        String name = identifier.value();
        Optional<String> reserved = Reserved.why(identifier);
        if (publicCa && reserved.isPresent()) {
            return Finding.problem(
                    NAME,
                    name,
                    reserved.get() + ", and public CAs certify none",
                    "use a name that you own on the Internet; for this one, --local or a CA of your own");
        }
        if (order.chosen(identifier).isEmpty()) {
            return identifier.isWildcard()
                    ? Finding.problem(
                            NAME,
                            name,
                            "a wildcard can be proved by dns-01 only, and that is not answered",
                            "add --challenge dns-01:... (see 'autotls issue --help'), or ask for single names")
                    : Finding.problem(
                            NAME,
                            name,
                            "no challenge that is answered can prove it: " + order.types(),
                            "add --challenge tls-alpn-01 or http-01:80");
        }
        String kind = identifier.type() == Identifier.Type.IP ? "an IP address" : "a name";
        if (identifier.isWildcard()) {
            kind = "a wildcard";
        } else if (name.contains("xn--")) {
            kind = "an internationalized name, in A-labels";
        }
        return Finding.ok(
                NAME,
                name,
                kind + ", to be proved by " + order.chosen(identifier).orElseThrow());
    }
}
