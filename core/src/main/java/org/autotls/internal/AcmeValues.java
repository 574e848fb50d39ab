package org.autotls.internal;

import java.net.URI;
import java.time.Duration;
import java.util.regex.Pattern;
import org.autotls.Text;

/**
 * What settings that concern an ACME CA must look like: one rule for each, wherever it is set. Each method returns what it was
 * given, or throws an {@link IllegalArgumentException} that names the value and what was expected. Stateless.
 */
public final class AcmeValues {

    private static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(5);
    // No space and nothing outside of ASCII; no ',' and '?', which mean something in a mailto URL (RFC 6068 §2).
    private static final Pattern EMAIL = Pattern.compile("[!-~&&[^@:,?]]+@[!-~&&[^@:,?]]+");

    private AcmeValues() {}

    /**
     * Checks the URL of a directory (RFC 8555 §7.1.1), which must be https and carry no password.
     *
     * @param url what was set
     * @return the same
     */
    public static URI directory(URI url) {
        if (!"https".equalsIgnoreCase(url.getScheme()) || url.getHost() == null || url.getRawUserInfo() != null) {
            throw new IllegalArgumentException("ACME directory '" + Text.escape(url.toString())
                    + "': expected a URL such as https://ca.example/directory");
        }
        return url;
    }

    /**
     * Checks the address of an account's contact (§7.3): one address, without a name beside it.
     *
     * @param address what was set
     * @return the same
     */
    public static String email(String address) {
        if (!EMAIL.matcher(address).matches()) {
            throw new IllegalArgumentException("email '" + Text.escape(address) + "': expected name@host");
        }
        return address;
    }

    /**
     * Checks how long one request may take.
     *
     * @param total what was set
     * @return the same
     */
    public static Duration timeout(Duration total) {
        if (total.isNegative() || total.isZero() || total.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException("timeout " + total + ": expected more than 0, at most five minutes");
        }
        return total;
    }
}
