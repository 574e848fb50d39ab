package org.autotls.acme;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.net.URI;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.autotls.KeyType;
import org.autotls.internal.JsonObject;
import org.junit.jupiter.api.Test;

/** The JWS of RFC 8555 §6.2, with nimbus-jose-jwt as the judge. */
class SignerTest {

    private static final URI URL = URI.create("https://ca.example/new-order");
    private static final URI ACCOUNT = URI.create("https://ca.example/account/1");

    @Test
    void sign_everyKeyType_verifies() throws Exception {
        for (KeyType type : new KeyType[] {KeyType.EC_P256, KeyType.EC_P384, KeyType.RSA_2048}) {
            KeyPair pair = type.generate(new SecureRandom());
            JWK jwk = jwk(pair);
            for (int i = 0; i < 20; i++) { // EC coordinates with leading zeros come by chance
                AccountKey key = AccountKey.of(pair);
                JWSObject open = parse(Signer.unregistered(key).sign(URL, "nonce-" + i, "{\"a\":1}"));
                assertVerifies(open, jwk);
                assertThat(open.getHeader().getJWK().toJSONObject()).isEqualTo(jwk.toJSONObject());
                assertThat(open.getHeader().getKeyID()).isNull();
                assertThat(open.getHeader().getCustomParam("nonce")).isEqualTo("nonce-" + i);
                assertThat(open.getHeader().getCustomParam("url")).isEqualTo(URL.toString());
                assertThat(open.getPayload()).hasToString("{\"a\":1}");
                JWSObject named = parse(Signer.account(key, ACCOUNT).sign(URL, "n", ""));
                assertVerifies(named, jwk);
                assertThat(named.getHeader().getKeyID()).isEqualTo(ACCOUNT.toString());
                assertThat(named.getHeader().getJWK()).isNull();
                assertThat(named.getPayload()).hasToString("");
            }
        }
    }

    @Test
    void thumbprint_manyKeys_isRfc7638() throws Exception {
        for (int i = 0; i < 300; i++) {
            KeyPair pair = KeyType.EC_P256.generate(new SecureRandom());
            assertThat(AccountKey.of(pair).thumbprint())
                    .isEqualTo(jwk(pair).computeThumbprint().toString());
        }
        KeyPair rsa = KeyType.RSA_2048.generate(new SecureRandom());
        assertThat(AccountKey.of(rsa).thumbprint())
                .isEqualTo(jwk(rsa).computeThumbprint().toString());
    }

    @Test
    void N1_toString_key_showsNoSecret() {
        KeyPair pair = KeyType.EC_P256.generate(new SecureRandom());
        assertThat(AccountKey.of(pair).toString()).startsWith("AccountKey[ES256, thumbprint ");
    }

    private static JWK jwk(KeyPair pair) {
        return pair.getPublic() instanceof ECPublicKey ec
                ? new ECKey.Builder(Curve.forECParameterSpec(ec.getParams()), ec).build()
                : new RSAKey.Builder((RSAPublicKey) pair.getPublic()).build();
    }

    private static JWSObject parse(String flattened) throws Exception {
        JsonObject json = JsonObject.parse(flattened);
        return JWSObject.parse(json.text("protected").orElseThrow() + "."
                + json.text("payload").orElseThrow() + "."
                + json.text("signature").orElseThrow());
    }

    private static void assertVerifies(JWSObject jws, JWK jwk) throws Exception {
        boolean verified = jwk instanceof ECKey ec
                ? jws.verify(new ECDSAVerifier(ec))
                : jws.verify(new RSASSAVerifier(jwk.toRSAKey()));
        assertThat(verified).isTrue();
    }
}
