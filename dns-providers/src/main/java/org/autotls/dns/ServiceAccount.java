package org.autotls.dns;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.autotls.Text;
import org.autotls.internal.JsonObject;

/**
 * A service account of Google Cloud, as the file with its key says it. Immutable. {@link #toString} does not show the key.
 */
public final class ServiceAccount {

    /** How long Google takes an assertion for good, at most. */
    private static final Duration VALID = Duration.ofHours(1);

    private final String email;
    private final String project;
    private final URI tokenUrl;
    private final PrivateKey key;

    private ServiceAccount(String email, String project, URI tokenUrl, PrivateKey key) {
        this.email = email;
        this.project = project;
        this.tokenUrl = tokenUrl;
        this.key = key;
    }

    /**
     * Reads the JSON file that Google gives out for a service account's key.
     *
     * @param json of the file
     * @return the account
     * @throws IllegalArgumentException if it is not such a file; its key is not shown
     */
    public static ServiceAccount parse(String json) {
        JsonObject file;
        try {
            file = JsonObject.parse(json);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it is not JSON"); // the reader's message quotes what it saw
        }
        URI tokenUrl = URI.create(required(file, "token_uri"));
        ApiEndpoint.checkSafe(tokenUrl, "token_uri");
        String project = required(file, "project_id");
        if (!project.matches("[a-z0-9.:-]{1,100}")) {
            throw new IllegalArgumentException("its project_id is not one");
        }
        return new ServiceAccount(
                required(file, "client_email"), project, tokenUrl, key(required(file, "private_key")));
    }

    private static String required(JsonObject file, String name) {
        return file.text(name)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> new IllegalArgumentException("it has no '" + name + "'"));
    }

    private static PrivateKey key(String pem) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("its private_key is not an RSA key in PKCS #8");
        }
    }

    String project() {
        return project;
    }

    URI tokenUrl() {
        return tokenUrl;
    }

    /** Signs who we are and what for (RFC 7523 §2.1, RS256 of RFC 7518 §3.3). */
    String assertion(String scope, Instant now) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", email);
        claims.put("scope", scope);
        claims.put("aud", tokenUrl.toString());
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.plus(VALID).getEpochSecond());
        String signed = base64("{\"alg\":\"RS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + base64(JsonObject.write(claims).getBytes(StandardCharsets.UTF_8));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK signs with RSA and SHA-256", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public String toString() {
        return "service account " + Text.escape(email);
    }
}
