package org.autotls.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SigV4Test {

    /** The case get-vanilla of AWS's own test suite for Signature Version 4. */
    @Test
    void headers_areThoseOfTheTestSuite() {
        AwsCredentials credentials = new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "");
        assertThat(new SigV4(credentials, "us-east-1", "service")
                        .headers(
                                "GET",
                                URI.create("https://example.amazonaws.com/"),
                                "",
                                Instant.parse("2015-08-30T12:36:00Z")))
                .containsEntry(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                                + " SignedHeaders=host;x-amz-date,"
                                + " Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
                .containsEntry("x-amz-date", "20150830T123600Z");
    }
}
