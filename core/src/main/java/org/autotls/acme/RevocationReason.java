package org.autotls.acme;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.autotls.Text;

/** Why a certificate is revoked (RFC 5280 §5.3.1), as far as its holder may say. */
public enum RevocationReason {
    /** None is given. */
    UNSPECIFIED(0, "unspecified"),
    /** The private key is known to others, or may be. */
    KEY_COMPROMISE(1, "keyCompromise"),
    /** The holder's name or organisation has changed. */
    AFFILIATION_CHANGED(3, "affiliationChanged"),
    /** Another certificate has taken its place. */
    SUPERSEDED(4, "superseded"),
    /** The names are no longer the holder's. */
    CESSATION_OF_OPERATION(5, "cessationOfOperation");

    private final int code;
    private final String rfcName;

    RevocationReason(int code, String rfcName) {
        this.code = code;
        this.rfcName = rfcName;
    }

    /**
     * Reads a reason.
     *
     * @param text its name in RFC 5280
     * @return the reason
     * @throws IllegalArgumentException naming those there are
     */
    public static RevocationReason parse(String text) {
        return Arrays.stream(values())
                .filter(reason -> reason.rfcName.equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("reason '" + Text.escape(text) + "': expected one of "
                        + Arrays.stream(values())
                                .map(RevocationReason::toString)
                                .collect(Collectors.joining(", "))));
    }

    int code() {
        return code;
    }

    /** The name in RFC 5280. */
    @Override
    public String toString() {
        return rfcName;
    }
}
