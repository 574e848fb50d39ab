package org.autotls.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The value of an "issue" or "issuewild" property (RFC 8659 §4.2): a CA's domain, and parameters. Immutable.
 *
 * @param issuer the CA's domain, in lower case; empty if nobody may issue
 * @param parameters what the CA has to heed besides, in order
 */
record CaaProperty(String issuer, List<Parameter> parameters) {

    private static final Pattern DOMAIN = Pattern.compile("(?:[a-z0-9]+(?:-+[a-z0-9]+)*(?:\\.(?!$)|$))+");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*");
    private static final Pattern VALUE = Pattern.compile("[\\x21-\\x3a\\x3c-\\x7e]*");

    /**
     * A parameter.
     *
     * @param tag in lower case
     * @param value as it is
     */
    record Parameter(String tag, String value) {}

    CaaProperty {
        parameters = List.copyOf(parameters);
    }

    /**
     * Reads a value.
     *
     * @return empty if it is malformed: such a property authorizes nobody, and restricts all the same (§4.2)
     */
    static Optional<CaaProperty> parse(String value) {
        String[] parts = value.split(";", -1);
        String issuer = strip(parts[0]).toLowerCase(Locale.ROOT);
        if (!issuer.isEmpty() && !DOMAIN.matcher(issuer).matches()) {
            return Optional.empty();
        }
        List<Parameter> parameters = new ArrayList<>();
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            if (strip(part).isEmpty()) {
                continue; // "letsencrypt.org;" and ";" are common
            }
            int equals = part.indexOf('=');
            String tag = equals < 0 ? "" : strip(part.substring(0, equals));
            String text = equals < 0 ? "" : strip(part.substring(equals + 1));
            if (!TAG.matcher(tag).matches() || !VALUE.matcher(text).matches()) {
                return Optional.empty();
            }
            parameters.add(new Parameter(tag.toLowerCase(Locale.ROOT), text));
        }
        return Optional.of(new CaaProperty(issuer, parameters));
    }

    /**
     * Says why this property does not let us in, its CA being ours (RFC 8657 §3, §4).
     *
     * @param account the URL of our account; empty if there is none yet
     * @param method the challenge that would be used
     * @return empty if it lets us in
     */
    Optional<String> obstacle(String account, String method) {
        List<String> accounts = values("accounturi");
        if (accounts.size() > 1) {
            return Optional.of("accounturi stands there " + accounts.size() + " times, which no account can match");
        }
        if (accounts.size() == 1 && !accounts.get(0).equals(account)) {
            return Optional.of("accounturi is " + accounts.get(0) + ", and ours is "
                    + (account.isEmpty() ? "not registered yet" : account));
        }
        List<String> methods = values("validationmethods");
        if (methods.size() > 1) {
            return Optional.of("validationmethods stands there " + methods.size() + " times, which nothing can match");
        }
        boolean allowed =
                methods.isEmpty() || Arrays.asList(methods.get(0).split(",")).contains(method);
        return allowed
                ? Optional.empty()
                : Optional.of("validationmethods is " + methods.get(0) + ", and ours is " + method);
    }

    private List<String> values(String tag) {
        return parameters.stream()
                .filter(parameter -> parameter.tag().equals(tag))
                .map(Parameter::value)
                .toList();
    }

    /** Only space and tab are blanks here. */
    private static String strip(String text) {
        return text.replaceAll("^[ \\t]+|[ \\t]+$", "");
    }
}
