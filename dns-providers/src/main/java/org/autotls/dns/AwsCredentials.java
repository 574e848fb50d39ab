package org.autotls.dns;

import java.util.LinkedHashMap;
import java.util.Map;
import org.autotls.Text;

/**
 * An access key of AWS. Immutable. {@link #toString} shows no secret.
 *
 * @param accessKeyId its public name
 * @param secretAccessKey what signs
 * @param sessionToken of temporary credentials; empty for others
 */
public record AwsCredentials(String accessKeyId, String secretAccessKey, String sessionToken) {

    /**
     * Checks credentials.
     *
     * @throws IllegalArgumentException if one part cannot be what it should; secrets are not shown
     */
    public AwsCredentials {
        if (!accessKeyId.matches("[A-Za-z0-9_]{1,128}")) {
            throw new IllegalArgumentException(
                    "AWS access key id '" + Text.escape(accessKeyId, 40) + "': expected 1 to 128 letters and digits");
        }
        if (!secretAccessKey.matches("[!-~]{1,256}") || !sessionToken.matches("[!-~]{0,8192}")) {
            throw new IllegalArgumentException(
                    "the secret or the session token of AWS access key " + accessKeyId + " is not visible ASCII");
        }
    }

    /**
     * Reads the variables {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY} and {@code AWS_SESSION_TOKEN}.
     *
     * @param environment of the process
     * @return the credentials
     * @throws IllegalArgumentException if one that is needed is not set
     */
    public static AwsCredentials of(Map<String, String> environment) {
        return of(environment, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "the environment");
    }

    /**
     * Reads a file as the AWS command line keeps it, {@code ~/.aws/credentials}.
     *
     * @param text of the file
     * @param profile which section
     * @return the credentials
     * @throws IllegalArgumentException if there is no such section, or it lacks what is needed
     */
    public static AwsCredentials parse(String text, String profile) {
        Map<String, String> values = new LinkedHashMap<>();
        String section = "";
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.startsWith("[") && line.endsWith("]")) {
                section = line.substring(1, line.length() - 1).strip();
            } else if (section.equals(profile) && !line.startsWith("#") && line.indexOf('=') > 0) {
                values.put(
                        line.substring(0, line.indexOf('=')).strip(),
                        line.substring(line.indexOf('=') + 1).strip());
            }
        }
        String place = "section [" + Text.escape(profile) + "]";
        return of(values, "aws_access_key_id", "aws_secret_access_key", "aws_session_token", place);
    }

    private static AwsCredentials of(Map<String, String> values, String id, String secret, String token, String place) {
        return new AwsCredentials(
                required(values, id, place), required(values, secret, place), values.getOrDefault(token, ""));
    }

    private static String required(Map<String, String> values, String name, String place) {
        String value = values.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new IllegalArgumentException("there is no " + name + " in " + place);
        }
        return value;
    }

    @Override
    public String toString() {
        return "AWS access key " + accessKeyId;
    }
}
