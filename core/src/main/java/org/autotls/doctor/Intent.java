package org.autotls.doctor;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.util.List;
import org.autotls.acme.AcmeDirectories;
import org.autotls.acme.CaInspection;

/**
 * What is going to be ordered, where, and as whom. Immutable.
 *
 * @param issuers the CAs in the order in which they are tried; empty if certificates come from elsewhere
 * @param challengeTypes those that are answered, best first
 * @param termsAgreed whether the user agrees to the CAs' terms
 * @param email the account's contact; empty for none
 * @param profile the certificate profile; empty for none chosen
 * @param profileRequired whether nothing is ordered from a CA without it
 */
public record Intent(
        List<At> issuers,
        List<String> challengeTypes,
        boolean termsAgreed,
        String email,
        String profile,
        boolean profileRequired) {

    /** Checks the values. */
    public Intent {
        issuers = List.copyOf(issuers);
        challengeTypes = List.copyOf(challengeTypes);
        requireNonNull(email, "email");
        requireNonNull(profile, "profile");
    }

    /**
     * A CA.
     *
     * @param directory the URL of its directory
     * @param inspection what looks at it
     * @param bound whether there are credentials for an external account binding
     */
    public record At(URI directory, CaInspection inspection, boolean bound) {

        /** Whether browsers trust it; what has a name here does, but for staging. */
        boolean isPublic() {
            return AcmeDirectories.at(directory).isPresent();
        }
    }

    ChallengeOrder order() {
        return new ChallengeOrder(challengeTypes);
    }

    boolean isPublic() {
        return issuers.stream().anyMatch(At::isPublic);
    }
}
