package org.autotls.doctor;

import java.util.List;
import org.autotls.Identifier;
import org.autotls.acme.CaView;

/** Has the CA the certificate profile that is wished for (draft-ietf-acme-profiles)? Stateless. */
final class ProfileCheck {

    static final String NAME = "profile";

    /** The one by which Let's Encrypt certifies addresses. */
    private static final String FOR_ADDRESSES = "shortlived";

    private ProfileCheck() {}

    /** Judges. */
    static Finding judge(CaView ca, Intent intent, List<Identifier> identifiers) {
        String about = ca.directory().toString();
        String offers = ca.profiles().isEmpty() ? "the CA has none" : "the CA has " + ca.profiles();
        String wished = intent.profile();
        if (!wished.isEmpty() && !ca.profiles().contains(wished)) {
            String found = "'" + wished + "' is wished for; " + offers;
            return intent.profileRequired()
                    ? Finding.problem(
                            NAME, about, found, "name one that it has with --required-profile, or use --profile")
                    : Finding.warning(
                            NAME, about, found, "its default will be used; name one that it has with --profile");
        }
        boolean addresses = identifiers.stream().anyMatch(one -> one.type() == Identifier.Type.IP);
        boolean certifiesAddresses = ca.profiles().isEmpty() || ca.profiles().contains(FOR_ADDRESSES);
        if (addresses && !certifiesAddresses) {
            return Finding.warning(
                    NAME,
                    about,
                    "IP addresses are asked for, and the CA has no profile '" + FOR_ADDRESSES + "' but "
                            + ca.profiles(),
                    "look into the CA's documents whether it certifies addresses, and by which --profile");
        }
        return Finding.ok(NAME, about, wished.isEmpty() ? "the CA's own choice; " + offers : wished);
    }
}
