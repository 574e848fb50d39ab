package org.autotls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ExternalAccountTest {

    private static final String KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

    @Test
    void authenticate_rfc4231Case1_isTheVectorOfEachAlgorithm() {
        // RFC 4231 §4.3, with a key of 20 bytes 0x0b.
        ExternalAccount account = ExternalAccount.of("kid", "CwsLCwsLCwsLCwsLCwsLCwsLCws");
        byte[] data = "Hi There".getBytes(US_ASCII);
        assertThat(HexFormat.of().formatHex(account.authenticate(data)))
                .isEqualTo("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assertThat(HexFormat.of()
                        .formatHex(account.with(ExternalAccount.Algorithm.HS384).authenticate(data)))
                .startsWith("afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c");
        assertThat(HexFormat.of()
                        .formatHex(account.with(ExternalAccount.Algorithm.HS512).authenticate(data)))
                .startsWith("87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde");
    }

    @Test
    void of_paddedOrOtherAlphabetOrBlanks_isTheSameKey() {
        byte[] data = {1};
        byte[] expected = ExternalAccount.of("kid", "-_-_-_-_-_-_-_-_-_-_-Q").authenticate(data);
        assertThat(ExternalAccount.of("kid", " +/+/+/+/+/+/+/+/+/+/+Q==\n").authenticate(data))
                .isEqualTo(expected);
    }

    @Test
    void N1_toString_andMessages_doNotShowTheKey() {
        assertThat(ExternalAccount.of("kid-1", KEY)).hasToString("ExternalAccount[kid-1, HS256]");
        assertThatThrownBy(() -> ExternalAccount.of("kid-1", "not?base64"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("not?base64")
                .hasNoCause();
        assertThatThrownBy(() -> ExternalAccount.of("kid-1", "c2hvcnQ"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 bytes")
                .hasMessageNotContaining("c2hvcnQ");
        assertThatThrownBy(() -> ExternalAccount.of(" ", KEY)).isInstanceOf(IllegalArgumentException.class);
    }
}
