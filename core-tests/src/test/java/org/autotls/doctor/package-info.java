@NullMarked
package org.autotls.doctor;

import org.jspecify.annotations.NullMarked;
