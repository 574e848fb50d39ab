package org.autotls.dns;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.autotls.internal.Sha256;

/**
 * Signs a request for AWS (Signature Version 4). The path must need no escaping, and the query be in the order of its names
 * and escaped already, which those of Route 53 are. Immutable.
 */
record SigV4(AwsCredentials credentials, String region, String service) {

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /** The headers that must go with the request; the client itself sends {@code Host}. */
    Map<String, String> headers(String method, URI url, String body, Instant now) {
        String time = TIME.format(now);
        String scope = time.substring(0, 8) + "/" + region + "/" + service + "/aws4_request";
        Map<String, String> signed = new TreeMap<>();
        signed.put("host", url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort());
        signed.put("x-amz-date", time);
        if (!credentials.sessionToken().isEmpty()) {
            signed.put("x-amz-security-token", credentials.sessionToken());
        }
        String names = String.join(";", signed.keySet());
        String toSign =
                String.join("\n", ALGORITHM, time, scope, hex(Sha256.of(canonical(method, url, body, signed, names))));
        String signature = HexFormat.of().formatHex(hmac(signingKey(time.substring(0, 8)), toSign));
        Map<String, String> headers = new TreeMap<>(signed);
        headers.remove("host");
        headers.put(
                "Authorization",
                ALGORITHM + " Credential=" + credentials.accessKeyId() + "/" + scope + ", SignedHeaders=" + names
                        + ", Signature=" + signature);
        return headers;
    }

    private static String canonical(String method, URI url, String body, Map<String, String> signed, String names) {
        StringBuilder lines = new StringBuilder();
        signed.forEach(
                (name, value) -> lines.append(name).append(':').append(value).append('\n'));
        String query = url.getRawQuery() == null ? "" : url.getRawQuery();
        return String.join("\n", method, url.getRawPath(), query, lines, names, hex(Sha256.of(body)));
    }

    private byte[] signingKey(String day) {
        byte[] key = ("AWS4" + credentials.secretAccessKey()).getBytes(StandardCharsets.UTF_8);
        return hmac(hmac(hmac(hmac(key, day), region), service), "aws4_request");
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
