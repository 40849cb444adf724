namespace exposition;
