package org.autotls.examples;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Spring Boot 3 on Tomcat: TLS comes with the properties {@code autotls.*}, and without them it serves plain HTTP. */
@SpringBootApplication
@RestController
public class SpringBoot3Example {

    public static void main(String... arguments) {
        SpringApplication.run(SpringBoot3Example.class, arguments);
    }

    @GetMapping("/")
    public String hello(HttpServletRequest request) {
        return "Hello from Spring Boot 3 over " + request.getProtocol() + "\n";
    }
}
