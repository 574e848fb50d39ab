package org.autotls.acme;

import java.util.List;
import java.util.Optional;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Subject;
import org.autotls.Text;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which certificate profile is ordered (draft-ietf-acme-profiles-01, a draft). Immutable.
 *
 * @param name the profile's name; empty if none was chosen
 * @param required whether nothing is ordered from a CA that does not offer it
 */
record ProfileChoice(String name, boolean required) {

    /** Nothing was chosen. */
    static final ProfileChoice NONE = new ProfileChoice("", false);

    /** The profile that Let's Encrypt, and those that follow it, certify addresses by: no other one has them. */
    private static final String FOR_ADDRESSES = "shortlived";

    private static final Logger LOG = LoggerFactory.getLogger(AcmeIssuer.class);

    /**
     * Chooses, in this order: 1. the profile that was chosen, if the CA offers it; 2. if it is required, nothing is ordered;
     * 3. for a subject with an IP address, {@code shortlived}, if the CA offers it; 4. none: the CA's default.
     *
     * @param offered the profiles of the CA
     * @param subject what is ordered
     * @throws IssueException {@code CONFIGURATION}, naming what is offered, if the required profile is not
     */
    Optional<String> among(List<String> offered, Subject subject) {
        if (!name.isEmpty() && offered.contains(name)) {
            return Optional.of(name);
        }
        if (!name.isEmpty()) {
            String message = "the CA offers no profile '" + Text.escape(name) + "'; "
                    + (offered.isEmpty() ? "it has none" : "it has " + Text.escape(offered.toString(), 500));
            if (required) {
                throw new IssueException(Kind.CONFIGURATION, message + "; nothing is ordered for " + subject);
            }
            LOG.warn("{}; {} is ordered by its default", message, subject);
        }
        boolean address =
                subject.identifiers().stream().anyMatch(identifier -> identifier.type() == Identifier.Type.IP);
        return !required && address && offered.contains(FOR_ADDRESSES) ? Optional.of(FOR_ADDRESSES) : Optional.empty();
    }
}
